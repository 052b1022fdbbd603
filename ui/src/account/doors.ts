/** The pages of those who are not in yet, loaded as one. */
export { default as PendingPage } from "./pending-page.svelte";
export { default as SetUpPage } from "./set-up-page.svelte";
export { default as SignInPage } from "./sign-in-page.svelte";
