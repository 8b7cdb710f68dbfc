// The traceback reader's entry: on every page, but it loads the rest only where the reader is.

for (const root of document.querySelectorAll(".reader")) import("./view.js").then(view => view.start(root))
