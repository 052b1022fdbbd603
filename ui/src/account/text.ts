/** The sentences of the pages of those who are not in yet, read with these pages only. */
export const accountText = {
  signIn: "Sign in",
  signingIn: "Signing in…",
  signOut: "Sign out",
  email: "E-mail",
  password: "Password",
  name: "Name",
  expired: "Your session has ended. Sign in to go on where you were; what you had written is kept.",
  createAccount: "Create an account",
  haveAccount: "I have an account",
  pending: "Your account waits for an administrator to let you in.",
  setUpTitle: "Open the house",
  setUpLead:
    "offstage keeps conversations that people and programs have with language models. Nobody runs this server yet: whoever fills in this page becomes its administrator, and decides who else comes in.",
  setUp: "Make the first account",
  passwordHint: "At least 8 characters.",
  setUpToken: "Set-up token",
  setUpTokenHint: "Only from another machine: the server has printed it at its start.",
} as const;
