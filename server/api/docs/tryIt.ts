/**
 * The documentation's only script: sends a request from its form and shows the answer. The token stays in the field; it
 * is never stored. Without scripts the documentation reads the same.
 */
export const tryIt = `
const token = document.getElementById("token")
for (const form of document.querySelectorAll("form.try")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    const output = form.querySelector("output")
    const query = new URLSearchParams()
    const headers = { authorization: "Bearer " + token.value.trim() }
    let path = form.dataset.path
    for (const field of form.querySelectorAll("input")) {
      const { place } = field.dataset
      if (place === "path") path = path.replace("{" + field.name + "}", encodeURIComponent(field.value))
      else if (field.value !== "" && place === "query") query.append(field.name, field.value)
      else if (field.value !== "" && place === "header") headers[field.name] = field.value
    }
    const body = form.querySelector("textarea")?.value
    if (body !== undefined) headers["content-type"] = "application/json"
    const url = path + (query.size > 0 ? "?" + query : "")
    const show = (text) => { output.innerHTML = ""; const pre = document.createElement("pre"); pre.textContent = text; output.append(pre) }
    show("...")
    try {
      const response = await fetch(url, { method: form.dataset.method, headers, body })
      const head = form.dataset.method + " " + url + "\\n" + response.status + " " + response.statusText + "\\n\\n"
      if (form.dataset.stream === "true" && response.ok) {
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
        let text = head
        for (;;) {
          const { done, value } = await reader.read()
          if (done) break
          text = (text + value).slice(-20000)
          show(text)
        }
        return
      }
      const text = await response.text()
      const isJson = (response.headers.get("content-type") ?? "").includes("json")
      show(head + (isJson ? JSON.stringify(JSON.parse(text), null, 2) : text))
    } catch (error) {
      show(String(error))
    }
  })
}
`
