/** Reads a part of the page aloud, where the device has a voice for it: `<button data-read-aloud="id" hidden>`. */
for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-read-aloud]')) {
  const { speechSynthesis } = window;
  const source = document.getElementById(button.dataset['readAloud'] ?? '');
  if (source === null || typeof speechSynthesis === 'undefined') continue;
  button.hidden = false;
  button.addEventListener('click', () => {
    const wasSpeaking = speechSynthesis.speaking;
    speechSynthesis.cancel();
    button.setAttribute('aria-pressed', String(!wasSpeaking));
    if (wasSpeaking) return;
    const utterance = new SpeechSynthesisUtterance(source.textContent);
    utterance.lang = source.closest('[lang]')?.getAttribute('lang') ?? document.documentElement.lang;
    utterance.addEventListener('end', () => button.setAttribute('aria-pressed', 'false'));
    speechSynthesis.speak(utterance);
  });
}
