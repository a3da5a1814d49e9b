// Lets a password be looked at while it is typed.

for (const input of document.querySelectorAll("input[data-reveals]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet small reveal";
  button.textContent = input.dataset.reveals;
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    input.focus();
  });
  const box = document.createElement("div");
  box.className = "revealed";
  input.replaceWith(box);
  box.append(input, button);
  input.form?.addEventListener("submit", () => (input.type = "password"));
  if (input.autofocus) input.focus();
}
