/** What is wrong with a file of questions, and the English words for it. */

/** The fields that can hold the question itself; `messages` holds a whole conversation. */
export const questionFields = ['query', 'question', 'prompt', 'instruction'] as const
/** What is wrong with a file, as data: every client has its own words for it. */
export type QuestionFault =
  | { readonly kind: 'empty' }
  | { readonly kind: 'not_json' }
  | { readonly kind: 'not_a_list' }
  | { readonly kind: 'quotes' }
  | { readonly kind: 'no_column'; readonly columns: readonly string[] }
  | { readonly kind: 'extra_cells'; readonly cells: number; readonly columns: number }
  | { readonly kind: 'no_question' }
  | { readonly kind: 'several_questions'; readonly fields: readonly string[] }
  | { readonly kind: 'invalid'; readonly field: string; readonly message: string }
  | { readonly kind: 'duplicate_id'; readonly id: string; readonly first: number }

export interface QuestionError {
  /** From 1. */
  readonly line: number
  /** From 1; null where the whole line is meant. */
  readonly column: number | null
  readonly fault: QuestionFault
}

/** A fault in English, such as `line 3, column 7: this is not valid JSON`. */
export function describeQuestionError({ line, column, fault }: QuestionError): string {
  const place = column === null ? `line ${line}` : `line ${line}, column ${column}`
  return `${place}: ${describeFault(fault)}`
}

function describeFault(fault: QuestionFault): string {
  switch (fault.kind) {
    case 'empty':
      return 'there are no questions in this file'
    case 'not_json':
      return 'this is not valid JSON'
    case 'not_a_list':
      return 'a list of questions is expected: ["…", "…"], or one JSON object per line'
    case 'quotes':
      return 'a quotation mark is not closed, or stands where none may; write "" for one inside a quoted text'
    case 'no_column':
      return `no column holds questions; name one ${questionFields.join(', ')} or messages in the first line (it names ${fault.columns.join(', ')})`
    case 'extra_cells':
      return `${fault.cells} cells where the first line names ${fault.columns}; put texts with commas between quotation marks`
    case 'no_question':
      return `there is no question; give ${questionFields.join(', ')} or messages`
    case 'several_questions':
      return `give only one of ${fault.fields.join(', ')}`
    case 'invalid':
      return `${fault.field}: ${fault.message}`
    case 'duplicate_id':
      return `the id ${fault.id} was used in line ${fault.first} already`
  }
}
