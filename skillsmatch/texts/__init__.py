"""The words the Chamber owns: mails, help and the privacy page, as it writes them; ours stand where it wrote none."""
