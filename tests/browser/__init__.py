"""The service in a real Chromium: with axe, by keyboard alone, without JavaScript, on a narrow screen, on paper."""
