/** Imported first: the page's content policy forbids code from strings, which zod would try. */
import { z } from 'zod'

z.config({ jitless: true })
