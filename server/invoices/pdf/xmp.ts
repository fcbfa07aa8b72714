/** What PDF metadata must say for its attachment to be found as ZUGFeRD/Factur-X, with the extension schema PDF/A asks for. */
const properties: ReadonlyArray<readonly [name: string, value: string, description: string]> = [
  ["DocumentType", "INVOICE", "INVOICE"],
  ["DocumentFileName", "factur-x.xml", "name of the embedded XML invoice file"],
  ["Version", "1.0", "version of the XML data"],
  ["ConformanceLevel", "EN 16931", "conformance level of the XML data"]
]

const namespace = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"

export const facturX = `
<rdf:Description rdf:about="" xmlns:fx="${namespace}">
${properties.map(([name, value]) => `  <fx:${name}>${value}</fx:${name}>`).join("\n")}
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>${namespace}</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>fx</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq>
${properties
  .map(
    ([name, , description]) => `      <rdf:li rdf:parseType="Resource"><pdfaProperty:name>${name}</pdfaProperty:name>
        <pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>
        <pdfaProperty:description>${description}</pdfaProperty:description></rdf:li>`
  )
  .join("\n")}
    </rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>`
