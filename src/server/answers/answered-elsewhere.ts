import { OffstageError } from "../../errors.ts";

/** Thrown for an answer that another node holds and has not told of yet; it will have in a moment. */
export class AnsweredElsewhereError extends OffstageError {
  constructor() {
    super(
      "unavailable",
      "This answer is being made by another server, which cannot be reached now. Try again soon.",
    );
  }
}
