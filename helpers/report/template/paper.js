// What is handed in on paper: the report, and of its appendices what is done by hand. The numbers
// that are folded under figures and all other code stay in the page.
() => {
  document.querySelectorAll("details.data").forEach((fold) => fold.remove());
  const kept = new Set(document.querySelectorAll(".failed"));
  for (const fold of document.querySelectorAll(".appendix details.code")) {
    const cell = fold.closest(".nb-cell");
    if (/^\s*(Train|Export|Read|Time) .+ by hand/.test(fold.textContent)) {
      kept.add(cell).add(cell.previousElementSibling); // the prose before it
    }
  }
  for (const appendix of document.querySelectorAll(".appendix")) {
    appendix.querySelectorAll(".nb-cell").forEach((cell) => kept.has(cell) || cell.remove());
    if (!appendix.querySelector(".nb-cell")) appendix.remove();
  }
  const told = document.createElement("p");
  told.textContent = "Of each notebook this print shows what it does by hand. All other code and the "
    + "numbers of the figures are in report.html.";
  document.querySelector(".appendix h2")?.after(told);
  for (const link of document.querySelectorAll("main a[href^='#']")) {
    const target = decodeURIComponent(link.getAttribute("href").slice(1));
    if (!document.getElementById(target)) link.replaceWith(...link.childNodes);
  }
}
