/** The forms that hold something which nobody has saved. While there are any, leaving the page is asked about. */
class Unsaved {
  #forms = $state.raw<readonly string[]>([]);
  /** Where somebody wanted to go; null while nobody does. */
  wanted = $state<string | null>(null);

  get isAny(): boolean {
    return this.#forms.length > 0;
  }

  mark(form: string, isDirty: boolean): void {
    if (this.#forms.includes(form) === isDirty) return;
    this.#forms = isDirty ? [...this.#forms, form] : this.#forms.filter((other) => other !== form);
  }

  /** Lets go of all that is not saved. */
  discard(): void {
    this.#forms = [];
    this.wanted = null;
  }
}

export const unsaved = new Unsaved();
