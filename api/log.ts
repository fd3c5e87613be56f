/** Where faults of our own go, and only these; never the content of a run. */
export type Log = (message: string, error: unknown) => void
