import "./design/tokens.css";
import "./design/base.css";
import "./design/controls.css";
import "./markdown/prose.css";
import { mount } from "svelte";
import App from "./app.svelte";
import { session } from "./state/session.svelte.ts";

void session.load();
mount(App, { target: document.body });
