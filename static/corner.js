// The right end of the bar at the top of every page. It stands beside what Streamlit draws, which would take away what is put into
// its own parts. `mhubCorner("bell")` gives the place of one thing in it; the order is that of PLACES.
const PLACES = ["search", "bell"];
window.mhubCorner = (name) => {
  let corner = document.getElementById("mhub-corner");
  if (!corner) {
    corner = document.createElement("div");
    corner.id = "mhub-corner";
    for (const one of PLACES) corner.append(Object.assign(document.createElement("div"), { id: `mhub-${one}` }));
    document.body.append(corner);
  }
  return corner.querySelector(`#mhub-${name}`);
};
