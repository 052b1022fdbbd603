/** This package's version; a test holds it to `package.json`. */
export const OFFSTAGE_VERSION = "0.1.0";

/**
 * The Open WebUI version that our server names: its probes and its replies are those of the turn management of 0.9 and
 * later, beside the forms of 0.6.15 that the tutorial needs.
 */
export const OPEN_WEBUI_VERSION = "0.12.4";
