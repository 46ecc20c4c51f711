// The page reads the same without this: it unfolds what a link leads to, and lets the keyboard
// scroll what is wider than the screen.
const reveal = (hash) => {
  const target = document.getElementById(decodeURIComponent(hash.slice(1)));
  const start = target?.querySelector(":scope > details") ?? target;
  for (let fold = start?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
  return target;
};
addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link) reveal(link.hash);
});
reveal(location.hash)?.scrollIntoView();
const wide = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
}));
document.querySelectorAll(".table, .output pre, math[display=block]").forEach((frame) => wide.observe(frame));
