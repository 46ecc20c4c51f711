// The page reads the same without this. It adds a button that unfolds all code and numbers at
// once, and lets the keyboard scroll what is wider than the screen.
const folds = document.querySelectorAll("main details");
if (folds.length) {
  const button = document.createElement("button");
  let open = false;
  const label = () => { button.textContent = open ? "Fold all" : "Expand all"; };
  button.type = "button";
  button.addEventListener("click", () => {
    open = !open;
    folds.forEach((fold) => { fold.open = open; });
    label();
  });
  label();
  document.querySelector("nav").append(button);
}
const wide = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
}));
document.querySelectorAll(".table, .output pre, math[display=block]").forEach((frame) => wide.observe(frame));
