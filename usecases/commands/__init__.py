"""One module for each command that has options of its own: ``run(rest, lang, *, say) -> exit code``."""
