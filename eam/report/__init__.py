"""The report: stored results as pages, verdicts and exports.

asv loads this package as a plugin (`plugins` in asv.conf.json). asv then replaces its result files
as a whole instead of writing into them, and `asv publish` writes the
report into its html folder: our front page replaces asv's, which moves to classic.html. `asv
continuous` and `asv compare` end with a line that says how often they are wrong. Only
publishing imports the libraries that draw; other asv commands do not need them.

The files in the order in which the data passes through them:

    suite reading           asv's files, each benchmark with its model
    ratios names results    numbers, their ratios, and the views `Run` and `ModelResults` on them
    findings verdicts       what follows from the numbers of one model
    startup missing steps
    sentences               the same in words
    schema document         everything as one typed document: overheads.json
    charts history pages    drawn from the document, and from it alone
    export publisher        the files, and the plugin that writes them
"""


def setup() -> None:
    """Called by asv when it loads this plugin; only here is asv imported."""
    from ..calibration.last_line import say_how_often_they_are_wrong
    from ..tracking.saving import teach_asv
    from .publisher import replace_publish

    teach_asv()
    replace_publish()
    say_how_often_they_are_wrong()
