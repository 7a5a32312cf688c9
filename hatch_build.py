"""Build hook: a wheel carries the configurations and the committed benchmark files inside `usecases`."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CarryHook(BuildHookInterface):
    """Copy `configs/` and `benchmarks/` into the wheel; an editable install reads them from the checkout."""

    PLUGIN_NAME = "custom"

    def initialize(self, version, build_data):
        if version == "standard" and self.target_name == "wheel":
            build_data["force_include"]["configs"] = "usecases/_configs"
            for folder in ("published", "results"):
                if (Path(self.root) / "benchmarks" / folder).is_dir():
                    build_data["force_include"][f"benchmarks/{folder}"] = f"usecases/_benchmarks/{folder}"
