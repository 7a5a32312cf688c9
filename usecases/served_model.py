"""What MLflow runs to serve the model of a run: it copies this file into the MLflow model and executes it there.

MLflow calls this "models from code": the model is this short program and the files of ``model/``, never a pickle.
Only this file, `usecases.mlflow_model` and `usecases.tracking` import mlflow.
"""

from pathlib import Path
from typing import Any

from usecases import models
from usecases.errors import UserError


def plain_rows(answer: Any) -> Any:
    """Make an answer fit for JSON: missing and infinite values become None, where pandas would write NaN.

    Parameters
    ----------
    answer : pandas.DataFrame or object
        The answer of an outcome.

    Returns
    -------
    pandas.DataFrame or object
        A frame of plain values with the same columns; anything else as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> plain_rows(pd.DataFrame({"prediction": [1.5, float("nan"), float("inf")]}))["prediction"].tolist()
    [1.5, None, None]
    """
    if not hasattr(answer, "columns"):
        return answer
    plain = answer.astype(object)
    for name in answer.select_dtypes(["datetime", "datetimetz"]).columns:
        plain[name] = answer[name].dt.strftime("%Y-%m-%dT%H:%M:%S")
    return plain.where(plain.notna() & ~plain.isin([float("inf"), float("-inf")]), None)


def read_dates(rows: Any, example: Any) -> Any:
    """Turn dates that came as text into dates, where the example has dates.

    Parameters
    ----------
    rows : pandas.DataFrame or object
        What was posted.
    example : pandas.DataFrame or object
        An input of the model.

    Returns
    -------
    pandas.DataFrame or object
        The same rows; what is no table stays as it is.

    Raises
    ------
    UserError
        When a date is not written as ISO 8601: nobody can tell 01/02 from 02/01.

    Examples
    --------
    >>> import pandas as pd
    >>> read_dates(pd.DataFrame({"t": ["2026-01-31"]}), pd.DataFrame({"t": [pd.Timestamp(0)]}))["t"][0].day
    31
    """
    import pandas as pd

    if not hasattr(example, "columns") or not hasattr(rows, "columns"):
        return rows
    read = {}
    for name in example.select_dtypes("datetime").columns.intersection(rows.columns):
        try:
            read[name] = pd.to_datetime(rows[name], format="ISO8601")
        except (ValueError, TypeError) as error:
            raise UserError(f"column {name!r} holds dates: write them as 2026-01-31T08:30:00") from error
    return rows.assign(**read)


def hand_over() -> None:
    """Give MLflow the model that it is to serve."""
    import pandas as pd
    from mlflow.exceptions import MlflowException
    from mlflow.models import set_model
    from mlflow.pyfunc import PythonModel

    class RunModel(PythonModel):
        """The model of a run, as MLflow wants it."""

        def load_context(self, context: Any) -> None:
            """Open the model's folder, and answer once, so that the first request does not wait for imports."""
            self.model = models.open_folder(Path(context.artifacts["model"]))
            self.example = self.model.example()
            self.model.apply(self.example)

        def predict(
            self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
        ) -> Any:
            """Answer a request; what is the caller's mistake becomes HTTP 400 with one sentence."""
            try:
                rows = read_dates(model_input, self.example)
                outcome = self.model.apply(rows, anyway=bool((params or {}).get("anyway")))
            except UserError as error:
                raise MlflowException.invalid_parameter_value(str(error)) from None
            return plain_rows(outcome.answer)

    set_model(RunModel())


if __name__ != "usecases.served_model":  # MLflow executes the file under a name of its own
    hand_over()
