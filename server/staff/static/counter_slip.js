// A slip is there to be printed.
addEventListener("load", () => window.print());
