"""A directive that draws what releases of libraries changed, from the committed results."""

from docutils import nodes
from registries import ROOT, Generated, table
from sphinx.application import Sphinx

from eam.releases.comparisons import Entry
from eam.report.release_charts import case_name
from eam.report.release_pages import step_values
from eam.report.releases import LibraryReleases, read

RESULTS = ROOT / "results" / "releases"


class Findings(Generated):
    """A section a library and machine."""

    def run(self) -> list[nodes.Node]:
        """The nodes; the page is built again when the results have changed."""
        for path in RESULTS.rglob("*.json*"):
            self.env.note_dependency(str(path))
        return super().run()

    def markdown(self) -> str:
        """The steps of each library, and its overheads then and now."""
        return "\n".join(_library(found) for found in read(RESULTS))


def _library(found: LibraryReleases) -> str:
    measured = [release for release in found.releases if release.run]
    if not measured:
        return f"## {found.axis.library}, on {found.machine}\n\nNo release has a number yet.\n"
    first, last = (f"{r.version} ({r.uploaded:%Y-%m})" for r in (measured[0], measured[-1]))
    over = "the best gradient by hand" if found.axis.library == "numpy" else "the NumPy gradient"
    versions = {release.version for release in measured}
    moved, of = found.moved
    return f"""## {found.axis.library}, on {found.machine}

{len(versions)} releases are measured, from {first} to {last}. In {moved} of the last {of} of them,
the overhead at N = 100 moved by more than 10 % against the release before.

{_busy(found)}

{_steps(found)}

{_causes(found)}

Overheads of the oldest and of the newest release, over {over}:

{_then_and_now(found)}
"""


def _busy(found: LibraryReleases) -> str:
    """A warning where the overheads were measured beside other programs; steps do not need it."""
    if found.busy is None:
        return ""
    return (
        f"Other programs made a load of up to {found.busy[1]:.0f} while the overheads were "
        "measured. Those at large N and of atoms are mostly noise."
    )


def _steps(found: LibraryReleases) -> str:
    if not found.steps:
        return "No step is confirmed."
    rows = []
    for step in found.steps:
        values = step_values(found, step)
        rows.append(
            [
                f"{step.a} → {step.b}",
                f"`{step.backend}`, {values['case']}",
                _ratio(step),
                values["with_it"] or "nothing",
                f"`{values['command']}`",
            ]
        )
    head = [
        "releases",
        "case",
        "time of a gradient, new over old",
        "what moved with it",
        "repeat it",
    ]
    return table(head, rows)


def _causes(found: LibraryReleases) -> str:
    """The effect of an environment variable on one release: a hint at the cause of a step."""
    rows = [
        [
            cause.b,
            f"`{cause.variables}`",
            f"`{cause.backend}`, {values['case']}",
            _ratio(cause),
            f"`{values['command']}`",
        ]
        for cause in found.causes
        for values in [step_values(found, cause)]
    ]
    head = ["release", "with", "case", "time over that without", "repeat it"]
    return f"Causes:\n\n{table(head, rows)}" if rows else ""


def _ratio(compared: Entry) -> str:
    return f"{compared.ratio:.3g} ({compared.low:.3g} to {compared.high:.3g})"


def _then_and_now(found: LibraryReleases) -> str:
    """Of every backend and case that at least two releases have."""
    rows = []
    for backend in found.axis.backends:
        for model, dimension in found.cases(backend):
            values = [
                (release.version, overhead)
                for release in found.releases
                if (overhead := found.overhead(release, backend, model, dimension))
            ]
            if len(values) > 1:
                ends = [f"{e.value:.3g} at {version}" for version, e in (values[0], values[-1])]
                rows.append([f"`{backend}`", case_name(model, dimension), *ends])
    return table(["backend", "case", "oldest", "newest"], rows)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("eam-findings", Findings)
    return {"parallel_read_safe": True}
