// Tells two mistakes while they are typed: a wrong check digit, and a file that is too large. The server tells them too.
"use strict";

const english = document.documentElement.lang === "en";
const said = (element, name) => element.dataset[name + (english ? "En" : "Zh")];

/** Whether the digits are those of a GTIN with its check digit; nothing while there are too few of them. */
function isGtin(text) {
  const digits = text.replace(/[ -]/g, "");
  if (!/^\d+$/.test(digits)) return digits ? false : null;
  if (![8, 12, 13, 14].includes(digits.length)) return digits.length > 14 ? false : null;
  const sum = [...digits].reverse().slice(1).reduce((sum, digit, at) => sum + digit * (at % 2 ? 1 : 3), 0);
  return (10 - (sum % 10)) % 10 === Number(digits.at(-1));
}

const gtin = document.getElementById("gtin");
gtin?.addEventListener("input", () => {
  const told = document.getElementById("gtin-told");
  const right = isGtin(gtin.value);
  told.textContent = right === null ? "" : right ? "✓ " + said(told, "right") : "✕ " + said(told, "wrong");
  told.className = right === false ? "wrong" : "hint";
});

const file = document.getElementById("file");
file?.addEventListener("change", () => {
  const large = file.files[0]?.size > Number(file.dataset.limit);
  document.getElementById("file-told").textContent = large ? said(file, "large") : "";
  file.setCustomValidity(large ? said(file, "large") : "");
});
