/** Something that cannot be taken back, and so is asked about first. */
export interface Question {
  title: string;
  /** What will happen. */
  consequence: string;
  action: string;
  working: string;
  /** Rejects with a sentence where it did not work. */
  run: () => Promise<unknown>;
}

class Asking {
  question = $state.raw<Question | null>(null);

  ask(question: Question): void {
    this.question = question;
  }

  end(): void {
    this.question = null;
  }
}

export const asking = new Asking();
