/** Servers word refusals in bodies of different shapes; the openai client reads one of them. */
import { z } from 'zod'

/** OpenAI and today's vLLM say `error.message`. */
const Nested = z.object({ error: z.looseObject({ message: z.string() }) })
/** vLLM until 0.9, some proxies. */
const Flat = z.object({ message: z.string() })
/** FastAPI's own validation (Mistral, SGLang, …): text, or a list that names the fields. */
const Detail = z.object({ detail: z.unknown() })
/** Hugging Face and Ollama. */
const Text = z.object({ error: z.string() })

/** `fetch` whose failed answers carry their words where the openai client looks for them. */
export const fetchWorded: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  if (response.ok) return response
  const { status, headers } = response
  const message = worded(await response.text())
  return Response.json({ error: { message } }, { status, headers: kept(headers) })
}

function worded(body: string): string {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return body
  }
  const nested = Nested.safeParse(json)
  if (nested.success) return nested.data.error.message
  const flat = Flat.safeParse(json)
  if (flat.success) return flat.data.message
  const text = Text.safeParse(json)
  if (text.success) return text.data.error
  const detail = Detail.safeParse(json)
  if (!detail.success) return body
  const said = detail.data.detail
  return typeof said === 'string' ? said : JSON.stringify(said)
}

/** The headers that say when to come back; the others described the body that is gone. */
function kept(headers: Headers): Headers {
  const names = ['retry-after', 'retry-after-ms', 'x-request-id']
  return new Headers(
    names.flatMap((name) => {
      const value = headers.get(name)
      return value === null ? [] : [[name, value] satisfies [string, string]]
    }),
  )
}
