/** Two texts compared. */

export const diff = {
  added: ' added: ',
  removed: ' removed: ',
  same: 'Not a word differs.',
  tooDifferent: 'The two have too little in common to compare word by word.',
}
