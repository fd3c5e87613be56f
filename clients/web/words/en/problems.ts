/** What each problem code means. Details come from the API, in English. */
import { type ProblemCode, problemCodeNames, problemCodes } from '../../../../shared/problems.ts'

const titles = (of: (code: ProblemCode) => string) =>
  Object.fromEntries(problemCodeNames.map((code) => [code, of(code)])) as Record<
    ProblemCode,
    string
  >

export const problems = titles((code) => problemCodes[code].title)
