"""Build hook: a wheel carries the configurations, benchmark files, documentation and tests inside `usecases`."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = {
    "configs": "_configs",
    "benchmarks/published": "_benchmarks/published",
    "benchmarks/results": "_benchmarks/results",
    "docs/en": "_docs/en",
    "docs/fr": "_docs/fr",
    "docs/examples": "_docs/examples",
    "docs/gallery": "_docs/gallery",
    "README.md": "_docs/README.md",  # `usecases kit` makes pages of them
    "README.fr.md": "_docs/README.fr.md",
    # `usecases copy` gives a package's own tests away; the second file keeps pytest from collecting them here
    "tests/predictive_maintenance": "_tests/predictive_maintenance",
    "tests/delivery_optimization": "_tests/delivery_optimization",
    "tests/packaging/not_collected.py": "_tests/conftest.py",
}


class CarryHook(BuildHookInterface):
    """Copy what stands beside the packages into the wheel; an editable install reads it from the checkout."""

    PLUGIN_NAME = "custom"

    def initialize(self, version, build_data):
        if version == "standard" and self.target_name == "wheel":
            for source, target in CARRIED.items():
                if (Path(self.root) / source).exists():
                    build_data["force_include"][source] = f"usecases/{target}"
