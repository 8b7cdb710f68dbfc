// The traceback reader's entry: it loads the rest where the reader is.

for (const root of document.querySelectorAll(".reader")) import("./view.js").then(view => view.start(root))
