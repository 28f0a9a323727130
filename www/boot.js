// Starts the page. Until it has, the document says what it needs; where it does not start, why.
import("./page.js")
  .then(({ start }) => start())
  .then(() => document.getElementById("stopped").remove())
  .catch(({ message }) => {
    const place = document.getElementById("stopped");
    place.append(Object.assign(document.createElement("p"), { lang: "en", textContent: message }));
    place.classList.add("now");
  });
