// Starts the page after the document is shown, because compiling takes a moment. Until then the document says what it needs, and if it cannot
// start, why.
function begin() {
  import("./page.js")
    .then(({ start }) => start())
    .then(() => document.getElementById("stopped").remove())
    .catch(({ message }) => {
      const place = document.getElementById("stopped");
      place.append(Object.assign(document.createElement("p"), { lang: "en", textContent: message }));
      place.classList.add("now");
    });
}
if (document.readyState === "complete") begin();
else addEventListener("load", begin);
