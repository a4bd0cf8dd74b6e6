"""Values and types as .NET and PowerShell know them: conversion, comparison, texts."""
