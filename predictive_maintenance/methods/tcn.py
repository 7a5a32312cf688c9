"""A temporal convolutional network (TCN): causal dilated convolutions over the whole history, in PyTorch."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from predictive_maintenance.feature_files import load_features, save_features
from predictive_maintenance.features import FeatureMap, fit_features
from predictive_maintenance.histories import Histories, Lives
from predictive_maintenance.labels import capped_labels
from usecases import paths
from usecases.contract import Budget, Progress
from usecases.errors import UserError

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

KERNEL = 3
PREDICTED_TOGETHER = 32  # units


@dataclass(frozen=True)
class TcnModel:
    """A trained network.

    Parameters
    ----------
    features : FeatureMap
        Operating regimes and z-scores.
    weights : dict of str to torch.Tensor
        Parameters of the network.
    age_scale : float
        Ages are divided by it.
    cap : float
        Longest predicted remaining life.
    device : str
        ``cpu`` or ``cuda``: where it was trained.
    """

    features: FeatureMap
    weights: dict[str, torch.Tensor] = field(repr=False)
    age_scale: float
    cap: float
    device: str

    def predict(self, histories: Histories, rows: np.ndarray | None = None) -> np.ndarray:
        """Remaining life at some rows (each unit's last by default), in double precision; shape (n_asked,)."""
        import torch

        rows = histories.last_rows() if rows is None else np.asarray(rows)
        asked, back = np.unique(histories.unit[rows], return_inverse=True)
        inputs, _ = _padded(histories, asked, _channels(self.features, histories, self.age_scale))
        weights = {name: value.to(self.device, torch.float64) for name, value in self.weights.items()}
        place = rows - histories.bounds()[histories.unit[rows]]
        out = np.empty((len(asked), inputs.shape[2]))
        with torch.inference_mode():
            for k in range(0, len(asked), PREDICTED_TOGETHER):
                part = torch.from_numpy(inputs[k : k + PREDICTED_TOGETHER]).to(self.device)
                out[k : k + PREDICTED_TOGETHER] = _forward(weights, part).cpu().numpy()
        return np.clip(out[back, place] * self.cap, 0.0, self.cap)

    def save(self, folder: Path) -> None:
        """Write ``weights.safetensors``, ``tcn.json`` and ``features.json``."""
        from safetensors.torch import save_file

        save_features(self.features, folder)
        save_file(
            {name: value.contiguous() for name, value in self.weights.items()}, folder / "weights.safetensors"
        )
        paths.write_json(folder / "tcn.json", {"age_scale": self.age_scale, "cap": self.cap})

    @classmethod
    def load(cls, folder: Path) -> TcnModel:
        """Read what `save` wrote; it predicts on the processor."""
        from safetensors.torch import load_file

        saved = json.loads((folder / "tcn.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "weights.safetensors")
        return cls(load_features(folder), weights, saved["age_scale"], saved["cap"], "cpu")


@dataclass(frozen=True)
class Tcn:
    """Residual blocks of one dilated causal convolution each [1]_; the loss is taken at every row.

    A channel for each sensor (z-score in its operating regime) and its mean over the life so far, one for the age.
    No early stopping: the number of epochs is fixed, the learning rate follows one cycle.

    Parameters
    ----------
    blocks : int
        Number of blocks; block k looks back ``2 * 2 ** k`` rows, all together ``2 ** (blocks + 1) - 1``.
    channels : int
        Width of the network.
    epochs : int
        Passes over the training units, times the budget's effort.
    batch_units : int
        Units in a batch.
    learning_rate : float
        Highest rate of the cycle.
    weight_decay : float
        Of AdamW.
    dropout : float
        Share of channels switched off in training, after each convolution.
    threads : int
        Processor threads.
    calibration_folds : int
        Folds that calibrate the intervals; 1 holds out one group in five, once.

    References
    ----------
    .. [1] S. Bai, J. Kolter, V. Koltun, "An empirical evaluation of generic convolutional and recurrent networks for
       sequence modeling", arXiv:1803.01271, 2018.

    Examples
    --------
    >>> time = np.tile(np.arange(1.0, 31), 4)
    >>> h = Histories(np.repeat(np.arange(4), 30), time, time[:, None], np.empty((120, 0)), tuple("ABCD"), tuple("ABCD"), ("s",))
    >>> lives = Lives(np.full(4, 30.0), np.ones(4, bool))
    >>> shared = dict(cap=20.0, seed=0, budget=Budget(), device="cpu", progress=lambda items, **_: items)
    >>> model = Tcn(blocks=2, channels=8, epochs=60, batch_units=2).fit(h, lives, **shared)
    >>> bool(abs(model.predict(h, np.array([19]))[0] - 10) < 5)
    True
    """

    blocks: int = 7
    channels: int = 48
    epochs: int = 40
    batch_units: int = 8
    learning_rate: float = 0.003
    weight_decay: float = 0.01
    dropout: float = 0.1
    threads: int = 1
    calibration_folds: int = 1

    def __post_init__(self) -> None:
        for name in ("blocks", "channels", "epochs", "batch_units", "threads", "calibration_folds"):
            if getattr(self, name) < 1:
                raise UserError(
                    f"method.{name}={getattr(self, name)} was given, but a whole number from 1 on was expected: "
                    f"type method.{name}={getattr(type(self), name)}"
                )
        for name, ok in (
            ("learning_rate", self.learning_rate > 0),
            ("weight_decay", self.weight_decay >= 0),
            ("dropout", 0 <= self.dropout < 1),
        ):
            if not ok:
                raise UserError(
                    f"method.{name}={getattr(self, name)} is out of range: type method.{name}={getattr(type(self), name)}"
                )

    def fit(
        self,
        train: Histories,
        lives: Lives,
        *,
        cap: float,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> TcnModel:
        """Train on whole lives.

        Raises
        ------
        UserError
            When no training life ended with a failure, or when a GPU is asked for and torch sees none.
        """
        import torch

        device = resolve_device(device)
        labels = capped_labels(train, lives, cap=cap)
        features = fit_features(train)
        age_scale = float(np.median(lives.end)) or 1.0
        channels = _channels(features, train, age_scale)
        generator = torch.Generator().manual_seed(seed)
        weights = _initial(channels.shape[1], self.channels, self.blocks, generator)
        weights = {name: w.to(device).requires_grad_() for name, w in weights.items()}
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            self._train(weights, train, channels, labels.value / cap, generator, budget, device, progress)
        finally:
            torch.set_num_threads(before)
        trained = {name: w.detach().cpu() for name, w in weights.items()}
        return TcnModel(features, trained, age_scale, float(cap), device)

    def _train(
        self,
        weights: dict[str, torch.Tensor],
        train: Histories,
        channels: np.ndarray,
        target: np.ndarray,
        generator: torch.Generator,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> None:
        """Minimise the mean squared error over all rows of the units of a batch, in place."""
        import torch

        epochs, n_batches = budget.iterations(self.epochs), -(-train.n_units // self.batch_units)
        optimiser = torch.optim.AdamW(weights.values(), lr=self.learning_rate, weight_decay=self.weight_decay)
        cycle = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, self.learning_rate, total_steps=epochs * n_batches
        )
        for epoch in progress(range(epochs), description="tcn", total=epochs):
            order = torch.randperm(train.n_units, generator=generator).numpy()
            total = 0.0
            for batch in np.array_split(order, n_batches):
                x, y = _padded(train, batch, channels, target)
                x, y = (torch.from_numpy(a).to(device, torch.float32) for a in (x, y))
                known = torch.isfinite(y)
                error = _forward(weights, x, self.dropout, generator) - torch.nan_to_num(y)
                loss = (error.square() * known).sum() / known.sum()
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(list(weights.values()), 1.0)
                optimiser.step()
                cycle.step()
                total += float(loss.detach())
            logger.debug("tcn epoch %d: loss %.5f", epoch + 1, total / n_batches)


def resolve_device(device: str) -> str:
    """Turn ``auto`` into ``cuda`` where torch sees a GPU, else into ``cpu``.

    Raises
    ------
    UserError
        When ``cuda`` is asked for and torch sees none.

    Examples
    --------
    >>> resolve_device("cpu")
    'cpu'
    """
    import torch

    available = torch.cuda.is_available()
    if device.startswith("cuda") and not available:
        raise UserError(
            "device=cuda was given and torch sees no NVIDIA GPU here: type device=cpu or device=auto"
        )
    return ("cuda" if available else "cpu") if device == "auto" else device


def _channels(features: FeatureMap, histories: Histories, age_scale: float) -> np.ndarray:
    """Inputs of the network for each row: z-scores, their means over the life so far, age; (n_rows, n_channels)."""
    z, mean = features.normalise(histories), features.mean_of_life(histories)
    age = histories.time[:, None] / age_scale
    return np.nan_to_num(np.concatenate([z, mean, age], axis=1))


def _padded(
    histories: Histories, units: np.ndarray, channels: np.ndarray, target: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Stack units, shorter ones padded at the end: (n_units, n_channels, n_steps), and labels with NaN as padding."""
    edges = histories.bounds()
    longest = int(np.max(edges[units + 1] - edges[units]))
    x = np.zeros((len(units), channels.shape[1], longest))
    y = np.full((len(units), longest), np.nan)
    for k, u in enumerate(units):
        rows = slice(edges[u], edges[u + 1])
        x[k, :, : rows.stop - rows.start] = channels[rows].T
        if target is not None:
            y[k, : rows.stop - rows.start] = target[rows]
    return x, y


def _initial(n_inputs: int, width: int, blocks: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Random parameters with the variance that keeps that of the signal (He et al. 2015)."""
    import torch

    def draw(*shape: int) -> torch.Tensor:
        fan_in = int(np.prod(shape[1:]))
        return torch.randn(*shape, generator=generator) * (1.0 / fan_in) ** 0.5

    weights: dict[str, Any] = {"in.w": draw(width, n_inputs, 1), "in.b": torch.zeros(width)}
    for k in range(blocks):
        weights |= {f"{k}.conv.w": draw(width, width, KERNEL) * 2**0.5, f"{k}.conv.b": torch.zeros(width)}
        weights |= {f"{k}.mix.w": draw(width, width, 1) * 0.5, f"{k}.mix.b": torch.zeros(width)}
    return weights | {"out.w": draw(1, width, 1), "out.b": torch.full((1,), 0.7)}


def _forward(
    weights: dict[str, torch.Tensor],
    x: torch.Tensor,
    dropout: float = 0.0,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """Remaining life in shares of the cap at each step, from the steps up to it; (n_units, n_steps)."""
    import torch
    from torch.nn import functional

    hidden = functional.conv1d(x, weights["in.w"], weights["in.b"])
    for k in range((len(weights) - 4) // 4):
        past = functional.pad(hidden, ((KERNEL - 1) * 2**k, 0))
        update = functional.relu(
            functional.conv1d(past, weights[f"{k}.conv.w"], weights[f"{k}.conv.b"], dilation=2**k)
        )
        if dropout:
            keep = torch.rand(update.shape[0], update.shape[1], 1, generator=generator) >= dropout
            update = update * (keep.to(update.device, update.dtype) / (1 - dropout))
        hidden = hidden + functional.conv1d(update, weights[f"{k}.mix.w"], weights[f"{k}.mix.b"])
    return functional.conv1d(functional.relu(hidden), weights["out.w"], weights["out.b"])[:, 0]
