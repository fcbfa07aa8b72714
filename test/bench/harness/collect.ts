/** Loaded before a server under `--expose-gc`: collects garbage on SIGUSR2, so that memory is compared by what is held. */
const { gc } = globalThis as { readonly gc?: () => void }

process.on("SIGUSR2", () => {
  gc?.()
  gc?.()
})
