import { Effect } from "effect"

/** Ends a document, and returns its bytes. */
export const collect = (pdf: PDFKit.PDFDocument): Effect.Effect<Uint8Array> =>
  Effect.callback<Uint8Array>((resume) => {
    const chunks: Array<Buffer> = []
    pdf.on("data", (chunk: Buffer) => chunks.push(chunk))
    pdf.on("error", (error: unknown) => resume(Effect.die(error)))
    pdf.on("end", () => resume(Effect.succeed(new Uint8Array(Buffer.concat(chunks)))))
    pdf.end()
  })
