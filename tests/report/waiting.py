"""Waiting for a page."""


def wait(condition, seconds=20):
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(None, seconds).until(lambda _: condition())
