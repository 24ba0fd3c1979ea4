/** Entry of the console's scripts and styles: htmx, then each component's island and style by its folder. */
import "htmx.org";
import "./base.css";
import "./pages.css";
import "./icon.svg?url";

import.meta.glob("../components/*/style.css", { eager: true });
import.meta.glob("../components/*/island.ts", { eager: true });

document.documentElement.classList.add("scripted");
