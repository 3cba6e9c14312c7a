// On a narrow screen tabs run off to the side: the current one is scrolled into view.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
