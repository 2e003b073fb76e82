/** A run of one letter that stands for a part of a time, or text. */
export type DatePart = { readonly letter: string; readonly count: number } | { readonly text: string };

export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
