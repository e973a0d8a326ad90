/** Shows a text that a module chose in a message, on one line and not too long. */
export function quote(text: string, maxLength = 200): string {
  const shown = JSON.stringify(text).slice(1, -1);
  return `'${shown.length > maxLength ? `${shown.slice(0, maxLength)}…` : shown}'`;
}
