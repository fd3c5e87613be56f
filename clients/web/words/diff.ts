/** Two texts compared. */
export const en = {
  added: ' added: ',
  removed: ' removed: ',
  same: 'Not a word differs.',
  tooDifferent: 'The two have too little in common to compare word by word.',
}

export const zh: typeof en = {
  added: ' 新增：',
  removed: ' 删除：',
  same: '一字未改。',
  tooDifferent: '两段文字差别太大，无法逐词比较。',
}
