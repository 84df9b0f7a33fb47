// Runs before the first paint, so that nobody is dazzled by a light page at night. Everything else is a module.
(() => {
  const scheme = localStorage.getItem("lenke.scheme");
  const dark = scheme ? scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.colorScheme = dark ? "dark" : "light";
})();
