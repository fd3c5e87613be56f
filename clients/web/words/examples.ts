/** Questions to try, in the language that the bundled demo pair has learned. */
export const exampleQuestions = [
  "Write a short email that reminds attendees of Friday's workshop",
  'Write a friendly invitation to Priya for a farewell dinner on Thursday, 14 May at 7 pm in the Harbour Café.',
  'Write a thank-you note to Maria for helping me move last Saturday. Say that it saved me a whole day. Sign it as Tom.',
  'Apologise to Mr Novak for missing our meeting yesterday. Explain that my train was cancelled. I will propose a new date.',
  'Ask my landlord to repair the heating by Monday. Explain that the radiators are cold.',
] as const
