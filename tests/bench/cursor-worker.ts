/** The worker of cursor.ts: does what it is asked, and is timed from outside, since its clock stands still. */
import { type Work, work } from './cursor-work.ts'

export default {
  async fetch(request: Request): Promise<Response> {
    const asked: Work = await request.json()
    return Response.json((await work(asked)).bytes)
  },
}
