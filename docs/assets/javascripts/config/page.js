// Brings the configuration builder to life: a first view of the page does not wait for its scripts and its data.

for (const root of document.querySelectorAll(".config")) {
  const hint = root.querySelector(".config-needs-script")
  const data = fetch(root.dataset.data).then(response => response.json())
  Promise.all([import("./app.js"), data]).then(([app, found]) => {
    hint.hidden = true
    app.start(root, found)
  }).catch(error => {
    hint.textContent = JSON.parse(root.querySelector(".config-words").textContent).words.failed
    hint.hidden = false
    console.warn(error)
  })
}
