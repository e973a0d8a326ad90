import { IonError } from "../contract/errors.ts";

/** One part of an event that breaks a rule. */
export interface FieldProblem {
  /** A JSON pointer into the data. https://www.rfc-editor.org/rfc/rfc6901 */
  readonly path: string;
  readonly message: string;
}

/** An event that can be read but must not be raised. */
export class InvalidEvent extends IonError {
  readonly fields: readonly FieldProblem[];

  constructor(message: string, fields: readonly FieldProblem[] = []) {
    super("invalid", message);
    this.fields = fields;
  }
}
