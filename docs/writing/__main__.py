"""Write every generated part of every page, and the comments of env.yaml."""

from writing import pages, parameters, written

if __name__ == "__main__":
    parameters.ENV.write_text(parameters.commented(parameters.ENV.read_text(encoding="utf-8")), encoding="utf-8")
    for name, parts in written().items():
        page = pages.DOCS / name
        page.write_text(pages.placed(page.read_text(encoding="utf-8"), parts), encoding="utf-8")
